import Objects
import Synchronization
import Testing

@testable import Kubectl

/// What `create` and `expose` send, and what they refuse, is what kubectl 1.32 sends and refuses.
@Suite struct CreateTests {
  let cluster = FakeCluster()

  @Test(arguments: [
    (
      "create service clusterip web --tcp=80:8080 --tcp=443",
      #"""
      {"apiVersion":"v1","kind":"Service","metadata":{"creationTimestamp":null,"labels":{"app":"web"},"name":"web"},\#
      "spec":{"ports":[{"name":"80-8080","port":80,"protocol":"TCP","targetPort":8080},{"name":"443","port":443,"protocol":"TCP","targetPort":443}],"selector":{"app":"web"},"type":"ClusterIP"},"status":{"loadBalancer":{}}}
      """#
    ),
    (
      "create service clusterip hl --clusterip=None",
      #"""
      {"apiVersion":"v1","kind":"Service","metadata":{"creationTimestamp":null,"labels":{"app":"hl"},"name":"hl"},\#
      "spec":{"clusterIP":"None","selector":{"app":"hl"},"type":"ClusterIP"},"status":{"loadBalancer":{}}}
      """#
    ),
    (
      "create service nodeport web --tcp=80:http --node-port=30080",
      #"""
      {"apiVersion":"v1","kind":"Service","metadata":{"creationTimestamp":null,"labels":{"app":"web"},"name":"web"},\#
      "spec":{"ports":[{"name":"80-http","nodePort":30080,"port":80,"protocol":"TCP","targetPort":"http"}],"selector":{"app":"web"},"type":"NodePort"},"status":{"loadBalancer":{}}}
      """#
    ),
    (
      "create service loadbalancer web --tcp=5678:8080",
      #"""
      {"apiVersion":"v1","kind":"Service","metadata":{"creationTimestamp":null,"labels":{"app":"web"},"name":"web"},\#
      "spec":{"ports":[{"name":"5678-8080","port":5678,"protocol":"TCP","targetPort":8080}],"selector":{"app":"web"},"type":"LoadBalancer"},"status":{"loadBalancer":{}}}
      """#
    ),
    (
      "create service externalname db --external-name=example.com",
      #"""
      {"apiVersion":"v1","kind":"Service","metadata":{"creationTimestamp":null,"labels":{"app":"db"},"name":"db"},\#
      "spec":{"externalName":"example.com","selector":{"app":"db"},"type":"ExternalName"},"status":{"loadBalancer":{}}}
      """#
    ),
    (
      "create ingress shop --rule=shop.example/cart*=cart:80,tls=shop-tls --rule=shop.example/b=b:1,tls=shop-tls --rule=/=web:http --class=swiftlet --annotation=a=b --default-backend=web:80",
      #"""
      {"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"annotations":{"a":"b"},"creationTimestamp":null,"name":"shop"},\#
      "spec":{"defaultBackend":{"service":{"name":"web","port":{"number":80}}},"ingressClassName":"swiftlet",\#
      "rules":[{"host":"shop.example","http":{"paths":[\#
      {"backend":{"service":{"name":"cart","port":{"number":80}}},"path":"/cart","pathType":"Prefix"},\#
      {"backend":{"service":{"name":"b","port":{"number":1}}},"path":"/b","pathType":"Exact"}]}},{"http":{"paths":[\#
      {"backend":{"service":{"name":"web","port":{"name":"http"}}},"path":"/","pathType":"Exact"}]}}],"tls":[{"hosts":["shop.example"],"secretName":"shop-tls"}]},"status":{"loadBalancer":{}}}
      """#
    ),
    (
      "create secret docker-registry reg --docker-username=u --docker-password=p --docker-email=e@x --docker-server=r.io",
      #"""
      {"apiVersion":"v1","data":{".dockerconfigjson":"eyJhdXRocyI6eyJyLmlvIjp7InVzZXJuYW1lIjoidSIsInBhc3N3b3JkIjoicCIsImVtYWlsIjoiZUB4IiwiYXV0aCI6ImRUcHcifX19"},"kind":"Secret","metadata":{"creationTimestamp":null,"name":"reg"},"type":"kubernetes.io/dockerconfigjson"}
      """#
    ),
    (
      "create configmap c --from-literal=a=b --from-literal=c=d=e",
      #"""
      {"apiVersion":"v1","data":{"a":"b","c":"d=e"},"kind":"ConfigMap","metadata":{"creationTimestamp":null,"name":"c"}}
      """#
    ),
    (
      "create secret generic s --type=x/y --from-literal=a=b",
      #"""
      {"apiVersion":"v1","data":{"a":"Yg=="},"kind":"Secret","metadata":{"creationTimestamp":null,"name":"s"},"type":"x/y"}
      """#
    ),
  ])
  func createdObjectsAreKubectls(_ line: String, expected: String) async throws {
    let answer = await cluster.kubectl(line + " --dry-run=client -o json")
    #expect(answer.errors == "")
    let object = try Value(parsing: Array(answer.output.utf8))
    #expect(object.encoded(as: .canonical) == (try Value(parsing: Array(expected.utf8))).encoded(as: .canonical))
  }

  @Test(arguments: [
    (
      "create service clusterip web",
      "error: at least one tcp port specifier must be provided\n"
    ),
    (
      "create service nodeport w --tcp=abc",
      "error: strconv.ParseUint: parsing \"abc\": invalid syntax\n"
    ),
    (
      "create ingress x",
      "error: not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)\n"
    ),
    (
      "create ingress x --rule=foo/=svc",
      "error: rule foo/=svc is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]\n"
    ),
    (
      "create secret tls x",
      "error: key and cert must be specified\n"
    ),
    (
      "create secret docker-registry x",
      "error: either --from-file or the combination of --docker-username, --docker-password and --docker-server is required\n"
    ),
    (
      "create configmap c --from-literal=a/b=c",
      "error: \"a/b\" is not a valid key name for a ConfigMap: a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')\n"
    ),
  ])
  func whatKubectlRefusesIsRefusedInItsWords(_ line: String, expected: String) async {
    let answer = await cluster.kubectl(line + " --dry-run=client")
    #expect(answer.code == 1)
    #expect(answer.errors == expected)
  }

  @Test func anEnvironmentFileIsReadLineByLine() async {
    cluster.contents.withLock { $0.files["e.env"] = "# a comment\nA=1\n  B=x y=z\nNOT_SET\n\n" }
    let answer = await cluster.kubectl("create cm c --from-env-file=e.env --dry-run=client -o jsonpath={.data}")
    #expect(answer.output == #"{"A":"1","B":"x y=z"}"#)
    let refusal = await cluster.kubectl("create cm c --from-env-file=e.env --from-literal=a=b --dry-run=client")
    #expect(refusal.errors == "error: from-env-file cannot be combined with from-file or from-literal\n")
  }

  @Test func exposeTakesPortsAndSelectorFromTheObject() async throws {
    let deployment: Value = [
      "metadata": ["name": "web", "namespace": "default", "labels": ["app": "web", "tier": "front"]],
      "spec": [
        "selector": ["matchLabels": ["app": "web"]],
        "template": [
          "spec": ["containers": [["ports": [["containerPort": 80], ["containerPort": 53, "protocol": "UDP"]]]]]
        ],
      ],
    ]
    cluster.contents.withLock { $0.objects["/apis/apps/v1/namespaces/default/deployments/web"] = deployment }
    let answer = await cluster.kubectl("expose deployment web --target-port=http --type=NodePort")
    #expect(answer.output == "service/web exposed\n")
    let sent = cluster.contents.withLock { $0.objects["/api/v1/namespaces/default/services/web"] }
    #expect(
      sent?["spec"]?.encodedString
        == #"{"ports":[{"port":80,"protocol":"TCP","targetPort":"http","name":"port-1"},"#
        + #"{"port":53,"protocol":"UDP","targetPort":"http","name":"port-2"}],"selector":{"app":"web"},"type":"NodePort"}"#
    )
    #expect(sent?["metadata"]?["labels"]?["tier"] == "front")
    #expect(
      await cluster.kubectl("expose deployment web --port=x --name=y").errors
        == "error: strconv.Atoi: parsing \"x\": invalid syntax\n")
  }
}
