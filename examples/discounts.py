#!/usr/bin/env python3
"""An operator in one file: keeps the ConfigMap "discounts" of each namespace in step with its Discounts.

It needs Python 3.9 and kubectl, which knows where the cluster is and who may write to it. The plan is a function of what
is there and of the time; everything else carries it out. Usage: discounts.py [--once]
"""

import json
import select
import subprocess
import sys
import time
from datetime import datetime, timezone

MARK = {"app.kubernetes.io/managed-by": "discount-operator"}


def ends(discount):
    until = discount["spec"].get("until")
    return datetime.fromisoformat(until.replace("Z", "+00:00")) if until else datetime.max.replace(tzinfo=timezone.utc)


def counting(discounts, now):
    """One discount for each product: the largest of those that have not ended."""
    best = {}
    for discount in sorted(discounts, key=lambda d: (-d["spec"]["percent"], d["metadata"]["name"])):
        if ends(discount) > now and "deletionTimestamp" not in discount["metadata"]:
            best.setdefault(discount["spec"]["product"], discount)
    return best


def plan(discounts, lists, now):
    """The writes that are missing, as kubectl's arguments and what it reads, and when to look again."""
    writes = []
    namespaces = {d["metadata"]["namespace"] for d in discounts} | set(lists)
    for namespace in sorted(namespaces):
        own = [d for d in discounts if d["metadata"]["namespace"] == namespace]
        best = counting(own, now)
        data = {product: str(discount["spec"]["percent"]) for product, discount in sorted(best.items())}
        kept = lists.get(namespace)
        if kept is None or kept["metadata"].get("labels", {}).items() >= MARK.items():
            if (kept or {}).get("data", {}) != data:
                metadata = {"name": "discounts", "namespace": namespace, "labels": MARK}
                if kept:
                    metadata["resourceVersion"] = kept["metadata"]["resourceVersion"]
                body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
                writes.append((["replace" if kept else "create", "-f", "-"], body))
        for discount in own:
            active = best.get(discount["spec"]["product"]) is discount
            if discount.get("status", {}).get("active") != active:
                discount = discount | {"status": {"active": active}}
                writes.append((["replace", "--subresource=status", "-f", "-"], discount))
    return writes, min((ends(d) for d in discounts if ends(d) > now), default=None)


def kubectl(*arguments, input=None):
    return subprocess.run(["kubectl", *arguments], input=input, capture_output=True, text=True)


def look():
    """What is there: the discounts, and the lists by namespace."""
    found = [
        kubectl("get", *what, "--all-namespaces", "--output=json")
        for what in (["discounts.shop.example"], ["configmaps", "--field-selector=metadata.name=discounts"])
    ]
    if any(answer.returncode for answer in found):
        raise RuntimeError("".join(answer.stderr for answer in found))
    discounts, lists = (json.loads(answer.stdout)["items"] for answer in found)
    return discounts, {kept["metadata"]["namespace"]: kept for kept in lists}


def reconcile():
    """Looks, plans and writes; the time of the next look, if nothing happens before."""
    writes, wake = plan(*look(), datetime.now(timezone.utc))
    for arguments, body in writes:
        answer = kubectl(*arguments, input=json.dumps(body))
        print((answer.stdout or answer.stderr).strip(), flush=True)
        # Somebody else was faster: look again, soon.
        if answer.returncode:
            wake = datetime.now(timezone.utc)
    return wake


def changes():
    """Processes that print a line for every change; an end of one is a change too."""
    watch = ["kubectl", "get", "--all-namespaces", "--watch-only", "--output=name"]
    return [
        subprocess.Popen(watch + what, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for what in (["discounts.shop.example"], ["configmaps", "--field-selector=metadata.name=discounts"])
    ]


def main():
    if "--once" in sys.argv:
        reconcile()
        return
    while True:
        watches = changes()
        try:
            while all(watch.poll() is None for watch in watches):
                wake = reconcile()
                patience = (wake - datetime.now(timezone.utc)).total_seconds() if wake else 60
                ready, _, _ = select.select([watch.stdout for watch in watches], [], [], min(max(patience, 1), 60))
                for stream in ready:
                    # One look serves all changes that have come together.
                    stream.read1(65536)
        except RuntimeError as error:
            print(error, file=sys.stderr, flush=True)
        finally:
            for watch in watches:
                watch.kill()
                watch.wait()
        time.sleep(1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
