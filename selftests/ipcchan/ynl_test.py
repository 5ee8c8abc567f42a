# SPDX-License-Identifier: GPL-2.0
"""The netlink family by its spec; run by ynl_test.sh, as root."""

import os
import sys

sys.path.insert(0, "/ynl/pyynl")
from lib import NlError, YnlFamily  # noqa: E402

SPEC = sys.argv[1]
SCHEMA = "/Documentation/netlink/genetlink.yaml"
# Many enough for a dump of several parts.
MANY = 200


def policy_matches(ynl):
    """What the kernel takes for each operation is what the spec says, and of that type."""
    for name, op in ynl.ops.items():
        want, have = set(), {}
        for mode in ("do", "dump"):
            want |= set(op.yaml.get(mode, {}).get("request", {}).get("attributes", []))
            policy = ynl.get_policy(name, mode)
            have.update(policy.to_dict() if policy else {})
        have = {attr: p for attr, p in have.items() if p["type"] != "invalid"}
        assert set(have) == want, f"{name}: takes {sorted(have)}, spec {sorted(want)}"
        for attr, policy in have.items():
            spec = op.attr_set[attr]
            kind = "string" if policy["type"] == "nul-string" else policy["type"]
            assert kind == spec.type, f"{name}.{attr}: {kind}, spec {spec.type}"
            low = spec.yaml.get("checks", {}).get("min")
            assert low is None or policy["min-value"] == low, f"{name}.{attr}: {policy}"


def requests(ynl):
    """Create, change, look and remove."""
    ynl.do("new", {"name": "a", "kind": "broadcast", "mode": 0o600, "options": {"hangup"},
                   "buf-size": 4096, "slow": "drop-oldest"})
    chan = ynl.do("get", {"name": "a"})
    assert chan["kind"] == "broadcast" and chan["options"] == {"hangup"}, chan
    assert chan["slow"] == "drop-oldest" and chan["stats"]["sent"] == 0, chan
    ynl.do("set", {"id": chan["id"], "max-msgs": 5, "mode": 0o644})
    after = ynl.do("get", {"id": chan["id"]})
    assert (after["max-msgs"], after["mode"]) == (5, 0o644), after
    assert [c["name"] for c in ynl.dump("get", {"kind": "broadcast"})] == ["a"]
    assert ynl.dump("get", {"flags": {"anon"}}) == []
    assert [b["chan"] for b in ynl.dump("buf-get", {})] == [chan["id"]]
    assert ynl.dump("loan-get", {"chan": chan["id"]}) == []
    items = {i["name"]: i for i in ynl.dump("quota-get", {"uid": 0})[0]["item"]}
    # Others of this user may have some, too, in other namespaces.
    assert items["user_channels"]["used"] >= 1 and items["user_buffers"]["used"] >= 4096, items
    assert items["user_channels"]["limit"] == 1024, items
    ynl.do("del", {"name": "a"})
    try:
        ynl.do("get", {"name": "a"})
    except NlError as e:
        assert e.error == 2 and "no such channel" in str(e), e
    else:
        raise AssertionError("it is there still")


def endpoints(ynl):
    """Who has it open."""
    fd = os.open("/dev/ipcchan", os.O_RDWR)
    os.write(fd, b"x")
    (ep,) = ynl.dump("ep-get", {"pid": os.getpid()})
    assert ep["name"] == "default" and ep["role"] == {"send", "recv"}, ep
    assert ep["last-pid"] == os.getpid(), ep
    os.read(fd, 1)
    os.close(fd)
    ynl.do("del", {"name": "default"})


def events(ynl):
    """What happens is told."""
    listener = YnlFamily(SPEC, SCHEMA)
    listener.ntf_subscribe("events")
    ynl.do("new", {"name": "seen"})
    ynl.do("del", {"name": "seen"})
    listener.check_ntf()
    told = [listener.async_msg_queue.get_nowait()["msg"] for _ in range(2)]
    assert [e["what"] for e in told] == ["created", "deleted"], told
    assert told[0]["name"] == "seen" and told[0]["pid"] == os.getpid(), told


def small_buffers(ynl):
    """A dump goes on, with buffers of the least size."""
    names = [f"many-{i}" for i in range(MANY)]
    for name in names:
        ynl.do("new", {"name": name})
    small = YnlFamily(SPEC, SCHEMA, recv_size=4000)
    assert sorted(c["name"] for c in small.dump("get", {})) == sorted(names)
    for name in names:
        ynl.do("del", {"name": name})


def main():
    """Run all, print TAP."""
    tests = [policy_matches, requests, endpoints, events, small_buffers]
    failed = 0
    print(f"TAP version 13\n1..{len(tests)}")
    ynl = YnlFamily(SPEC, SCHEMA)
    for number, test in enumerate(tests, 1):
        try:
            test(ynl)
            print(f"ok {number} - {test.__name__}")
        except Exception as e:  # pylint: disable=broad-except
            failed += 1
            print(f"# {type(e).__name__}: {e}\nnot ok {number} - {test.__name__}")
    return failed > 0


sys.exit(main())
