import ControlLoop
import Deployments
import Objects
import Pods
import ReplicaSets
import Simulation
import Testing

/// What a deployment reports of its sets.
@Suite struct RolloutStatusTests {
  @Test func theNumbersAreSumsOverTheSets() throws {
    let deployment = rollingDeployment { $0.metadata.generation = 7 }
    let old = makeSet("web:1", size: 2, available: 1, revision: 1, of: deployment) { $0.status.terminatingReplicas = 2 }
    let new = makeSet("web:2", size: 2, available: 1, revision: 2, of: deployment) {
      $0.status.replicas = 1
      $0.status.terminatingReplicas = 1
    }
    let status = try #require(plan(for: deployment, seeing: [old, new]).status)
    #expect(status.observedGeneration == 7)
    #expect(status.replicas == 3, "pods that there are, not pods that are wanted")
    #expect(status.updatedReplicas == 1, "the new set's share")
    #expect(status.readyReplicas == 2 && status.availableReplicas == 2)
    #expect(status.unavailableReplicas == 2, "four are wanted and two are available")
    #expect(status.terminatingReplicas == 3)
  }

  @Test func theNumbersAreTheSameInTheMiddleOfAStep() throws {
    let deployment = rollingDeployment()
    let old = makeSet("web:1", size: 3, revision: 1, of: deployment)
    let plan = try plan(for: deployment, seeing: [old, makeSet("web:2", size: 1, revision: 2, of: deployment)])
    #expect(plan.sizes == ["web:1": 2])
    let status = try #require(plan.status)
    #expect(status.replicas == 4 && status.updatedReplicas == 1, "the pod that is no longer wanted is still there")
    #expect(status.readyReplicas == 4 && status.availableReplicas == 4 && status.unavailableReplicas == 0)
  }

  @Test func aSetThatHasReportedNothingHasNothing() throws {
    let deployment = rollingDeployment()
    func silent(_ size: Int) -> ReplicaSet {
      makeSet("web:2", size: size, revision: 2, of: deployment) { $0.json["status"] = nil }
    }
    let broken = makeSet("web:1", size: 3, available: 1, revision: 1, of: deployment)
    #expect(try plan(for: deployment, seeing: [broken, silent(1)]).sizes == [:], "so no old pod can be spared for it")
    let status = try #require(plan(for: deployment, seeing: [silent(3)]).status)
    #expect(status.replicas == 0 && status.updatedReplicas == 0 && status.readyReplicas == 0)
    #expect(status.availableReplicas == 0 && status.unavailableReplicas == 3 && status.terminatingReplicas == 0)
  }

  @Test(
    arguments: [
      (3, 0, "True", "MinimumReplicasAvailable"), (2, 0, "False", "MinimumReplicasUnavailable"),
      (2, 1, "True", "MinimumReplicasAvailable"), (1, 1, "False", "MinimumReplicasUnavailable"),
    ])
  func availableMeansEnoughPodsServe(_ available: Int, _ missing: Int, _ status: String, _ reason: String) throws {
    let deployment = rollingDeployment { $0.spec.strategy.rollingUpdate?.maxUnavailable = .integer(missing) }
    let set = makeSet("web:2", size: 3, available: available, revision: 2, of: deployment)
    let condition = try #require(plan(for: deployment, seeing: [set]).status?["Available"])
    #expect(condition.status == status && condition.reason == reason)
    #expect(condition.message?.isEmpty == false)
  }

  @Test func aStatusThatSaysTheSameIsNotWritten() throws {
    var deployment = rollingDeployment()
    let set = makeSet("web:2", size: 3, available: 2, revision: 2, of: deployment)
    deployment.status = try #require(plan(for: deployment, seeing: [set]).status)
    #expect(try plan(for: deployment, seeing: [set]).status == nil)
  }

  @Test func aConditionKeepsItsTimesAsLongAsItSaysTheSame() throws {
    var deployment = rollingDeployment()
    let earlier = now - .seconds(100)
    deployment.status.conditions = [condition("Available", "True", "MinimumReplicasAvailable", at: earlier)]
    let full = makeSet("web:2", size: 3, revision: 2, of: deployment)
    let same = try #require(plan(for: deployment, seeing: [full]).status?["Available"])
    #expect(same.lastUpdateTime == earlier && same.lastTransitionTime == earlier)
    let missing = makeSet("web:2", size: 3, available: 1, revision: 2, of: deployment)
    let other = try #require(plan(for: deployment, seeing: [missing]).status?["Available"])
    #expect(other.lastUpdateTime == now && other.lastTransitionTime == now, "its status has changed")
    #expect(
      try plan(for: deployment, seeing: [missing]).status?.conditions.count(where: { $0.type == "Available" }) == 1)
  }

  @Test func whatHindersASetIsPassedOnAndTakenBack() throws {
    var deployment = rollingDeployment()
    let hindered = makeSet("web:2", size: 3, available: 0, revision: 2, of: deployment) {
      $0.status.conditions = [
        ReplicaSetCondition {
          $0.type = "ReplicaFailure"
          $0.status = "True"
          $0.reason = "FailedCreate"
          $0.message = "exceeded quota"
        }
      ]
    }
    let status = try #require(plan(for: deployment, seeing: [hindered]).status)
    #expect(status["ReplicaFailure"]?.reason == "FailedCreate" && status["ReplicaFailure"]?.message == "exceeded quota")
    deployment.status = status
    let free = makeSet("web:2", size: 3, available: 0, revision: 2, of: deployment)
    #expect(try plan(for: deployment, seeing: [free]).status?["ReplicaFailure"] == nil)
  }

  // MARK: Progressing

  @Test func theFirstWordIsThatTheSetWasMade() throws {
    let deployment = rollingDeployment()
    let first = try #require(plan(for: deployment, seeing: []).status?["Progressing"])
    #expect(first.reason == "NewReplicaSetCreated" && first.status == "True")
    #expect(first.message?.hasPrefix("Created new replica set \"web-") == true)
  }

  @Test func withoutADeadlineNothingIsSaidAboutProgress() throws {
    let deployment = rollingDeployment { $0.spec.progressDeadlineSeconds = nil }
    let plan = try plan(for: deployment, seeing: [])
    #expect(plan.status?["Progressing"] == nil && plan.wakeAt == nil)
  }

  @Test func aRollOutThatIsPausedIsNeitherWellNorLate() throws {
    let paused = rollingDeployment {
      $0.spec.paused = true
      $0.status.conditions = [condition("Progressing", "True", "ReplicaSetUpdated", at: now - .seconds(10_000))]
    }
    let set = makeSet("web:2", size: 3, available: 0, revision: 2, of: paused)
    let plan = try plan(for: paused, seeing: [set])
    #expect(plan.status?["Progressing"]?.status == "Unknown")
    #expect(plan.status?["Progressing"]?.reason == "DeploymentPaused")
    #expect(plan.wakeAt == nil, "no deadline runs while it is paused")
  }

  @Test func aRollOutThatGoesOnBeginsItsDeadlineAnew() throws {
    let resumed = rollingDeployment {
      $0.status.conditions = [condition("Progressing", "Unknown", "DeploymentPaused", at: now - .seconds(10_000))]
    }
    let plan = try plan(for: resumed, seeing: [makeSet("web:2", size: 3, available: 0, revision: 2, of: resumed)])
    #expect(plan.status?["Progressing"]?.reason == "DeploymentResumed")
    #expect(plan.wakeAt == now + .seconds(600))
  }

  @Test func whoIsFinishedSaysSoOnce() throws {
    var deployment = rollingDeployment()
    let set = makeSet("web:2", size: 3, revision: 2, of: deployment)
    let finished = try plan(for: deployment, seeing: [set])
    #expect(finished.status?["Progressing"]?.reason == "NewReplicaSetAvailable")
    #expect(finished.status?["Progressing"]?.message == "ReplicaSet \"web-web2\" has successfully progressed.")
    #expect(finished.wakeAt == nil, "what is finished has no deadline")
    deployment.status = try #require(finished.status)
    deployment.status.conditions[1].lastUpdateTime = now - .seconds(50)
    #expect(try plan(for: deployment, seeing: [set]).status == nil)
  }

  @Test func oneThatWasFinishedAndLosesAPodHasNotFailedToProgress() throws {
    let deployment = rollingDeployment {
      $0.status.replicas = 3
      $0.status.updatedReplicas = 3
      $0.status.conditions = [condition("Progressing", "True", "NewReplicaSetAvailable", at: now - .seconds(10_000))]
    }
    let plan = try plan(for: deployment, seeing: [makeSet("web:2", size: 3, available: 2, revision: 2, of: deployment)])
    #expect(plan.status?["Progressing"]?.reason == "NewReplicaSetAvailable")
  }

  @Test(arguments: [(599, "True", "ReplicaSetUpdated"), (600, "False", "ProgressDeadlineExceeded")])
  func theDeadlineIsCountedFromTheLastMovement(_ seconds: Int, _ status: String, _ reason: String) throws {
    let deployment = rollingDeployment {
      $0.status.replicas = 3
      $0.status.updatedReplicas = 3
      $0.status.conditions = [condition("Progressing", "True", "ReplicaSetUpdated", at: now - .seconds(seconds))]
    }
    let plan = try plan(for: deployment, seeing: [makeSet("web:2", size: 3, available: 0, revision: 2, of: deployment)])
    let progressing = try #require(plan.status?["Progressing"])
    #expect(progressing.status == status && progressing.reason == reason)
    if status == "True" {
      #expect(plan.wakeAt == now + .seconds(1), "nothing changes at that moment, so the plan asks for it")
    } else {
      #expect(progressing.lastTransitionTime == now)
      #expect(progressing.message == "ReplicaSet \"web-web2\" has timed out progressing.")
      #expect(plan.wakeAt == nil, "it is late already")
    }
  }

  private func condition(_ type: String, _ status: String, _ reason: String, at time: Time) -> DeploymentCondition {
    DeploymentCondition {
      $0.type = type
      $0.status = status
      $0.reason = reason
      $0.lastUpdateTime = time
      $0.lastTransitionTime = time
    }
  }
}

extension DeploymentStatus {
  fileprivate subscript(type: String) -> DeploymentCondition? { self.conditions.first { $0.type == type } }
}
