"""What the receiver counts, read by Prometheus's own parser while callbacks arrive."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

from cognitui.__about__ import __version__
from cognitui.callbacks.answers import parse_plan
from cognitui.callbacks.compose import compose
from cognitui.callbacks.errors import ReceiverError
from cognitui.callbacks.listener import is_loopback_host
from cognitui.callbacks.metrics.endpoint import MetricsEndpoint
from cognitui.callbacks.metrics.tally import BOUNDS_S, CallbackTally, Counts, reason_of
from cognitui.callbacks.metrics.text import exposition
from cognitui.callbacks.receive import Receiver
from cognitui.callbacks.sign import sign
from cognitui.callbacks.verdict import Freshness, Replay, SignatureVerdict, Verdict
from cognitui.clock import SYSTEM_CLOCK, unix_ms
from cognitui.cognigy.models import TriggerEvent
from cognitui.errors import UsageError

from .support import SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator

EVENTS = list(TriggerEvent)
RECEIVED = "cognitui_callbacks_received"
HANDLING = "cognitui_callback_handling_seconds"
Samples = dict[str, dict[tuple[tuple[str, str], ...], float]]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver([SECRET])
    yield receiver
    receiver.stop()


@pytest.fixture
def url(receiver: Receiver) -> Iterator[str]:
    tally = CallbackTally()
    receiver.count_with(tally)
    endpoint = MetricsEndpoint(tally, is_up=lambda: receiver.is_running)
    yield endpoint.start()
    endpoint.stop()


def request(
    url: str, method: str = "GET", path: str = "", body: bytes = b"", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    origin, _, own = url.removeprefix("http://").partition("/")
    with closing(http.client.HTTPConnection(origin, timeout=10)) as connection:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path or f"/{own}", body, named)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()


def parsed(text: str) -> Samples:
    """The samples by their names and labels, as Prometheus's own parser reads them."""
    found: Samples = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation
        assert family.type in {"counter", "gauge", "histogram"}
        for sample in family.samples:
            labels = tuple(sorted(sample.labels.items()))
            assert labels not in found.setdefault(sample.name, {})
            found[sample.name][labels] = sample.value
    return found


def scrape(url: str) -> Samples:
    status, headers, body = request(url)
    assert status == 200
    assert headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return parsed(body.decode("utf-8"))


def settled(url: str, count: int) -> Samples:
    """The samples when so many were counted: each is just after its sender was answered."""
    deadline = time.monotonic() + 10
    while (found := scrape(url))[f"{HANDLING}_count"][()] < count:
        assert time.monotonic() < deadline, found
    return found


def by_label(samples: dict[tuple[tuple[str, str], ...], float], name: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for labels, value in samples.items():
        counts[dict(labels)[name]] += int(value)
    return counts


def post(receiver: Receiver, number: int) -> None:
    """A callback that is good, forged, unsigned, too old, or came before."""
    event = EVENTS[number % len(EVENTS)]
    callback = compose(event=event, skill_id="skill_1", secret=SECRET, text=f"text {number}")
    headers, body, times = dict(callback.headers), callback.body, 1
    kind = number % 5
    if kind == 1:
        body += b" "
    elif kind == 2:
        del headers["X-Cognigy-Signature"]
    elif kind == 3:
        values = json.loads(body) | {"timestamp": 1_000_000_000_000}
        body = json.dumps(values).encode()
        headers["X-Cognigy-Timestamp"] = "1000000000000"
        headers["X-Cognigy-Signature"] = sign(body, SECRET)
    elif kind == 4:
        times = 2
    for _ in range(times):
        status, _, _ = request(receiver.url, "POST", "", body, **headers)
        assert status in {200, 401}


def test_before_anything_arrives(receiver: Receiver, url: str) -> None:
    found = scrape(url)
    assert found["cognitui_receiver_up"] == {(): 0}
    assert found[f"{HANDLING}_count"] == {(): 0}
    ((labels, value),) = found["cognitui_build_info"].items()
    assert (dict(labels)["version"], value) == (__version__, 1)
    receiver.start()
    assert scrape(url)["cognitui_receiver_up"] == {(): 1}
    receiver.stop()
    assert scrape(url)["cognitui_receiver_up"] == {(): 0}


def test_it_is_collected_while_callbacks_arrive(receiver: Receiver, url: str) -> None:
    receiver.start()
    seen, ended = [scrape(url)], threading.Event()

    def collect() -> None:
        while not ended.is_set():
            seen.append(scrape(url))

    def send(first: int) -> None:
        for number in range(first, first + 50):
            post(receiver, number)

    collecting = threading.Thread(target=collect)
    sending = [threading.Thread(target=send, args=(50 * n,)) for n in range(4)]
    for thread in (collecting, *sending):
        thread.start()
    for thread in sending:
        thread.join()
    ended.set()
    collecting.join()
    last = settled(url, 240)
    assert len(seen) > 2

    received = receiver.received
    assert len(received) == 240
    judged = Counter(
        ("accepted" if one.verdict.accepted else "refused", reason_of(one.verdict), str(one.event))
        for one in received
    )
    told = {
        (labels["verdict"], labels["reason"], labels["event"]): value
        for labels, value in (
            (dict(labels), value) for labels, value in last[f"{RECEIVED}_total"].items()
        )
    }
    assert told == judged
    assert by_label(last[f"{RECEIVED}_total"], "reason") == {
        "ok": 80, "signature_invalid": 40, "signature_missing": 40, "timestamp_stale": 40,
        "replayed": 40,
    }  # fmt: skip
    assert last[f"{RECEIVED}_bytes_total"][()] == sum(len(one.body) for one in received)

    # A histogram as it has to be: growing buckets, of which the last one holds all.
    buckets = [value for _, value in sorted(
        (float(dict(labels)["le"]), value) for labels, value in last[f"{HANDLING}_bucket"].items()
    )]  # fmt: skip
    assert buckets == sorted(buckets)
    assert len(buckets) == len(BOUNDS_S) + 1
    assert buckets[-1] == last[f"{HANDLING}_count"][()] == 240
    assert last[f"{HANDLING}_sum"][()] > 0

    # Nothing ever counts backwards.
    for before, after in zip(seen, [*seen[1:], last], strict=True):
        for name in (f"{RECEIVED}_total", f"{HANDLING}_bucket", f"{HANDLING}_sum"):
            for labels, value in before.get(name, {}).items():
                assert after[name][labels] >= value


def test_what_is_turned_away_is_counted_apart(receiver: Receiver, url: str) -> None:
    receiver.start()
    request(receiver.url)
    request(receiver.url, "OPTIONS")
    request(receiver.url, "POST", "", b"{}", Host="evil.example")
    request(receiver.url, "POST", "", b"", Content_Length="99999999")
    found = scrape(url)
    assert by_label(found["cognitui_receiver_requests_refused_total"], "status") == {
        "204": 1, "405": 1, "413": 1, "421": 1,
    }  # fmt: skip
    assert f"{RECEIVED}_total" not in found


def test_an_answer_as_told_counts_with_its_delay(receiver: Receiver, url: str) -> None:
    receiver.set_answers(parse_plan("503 delay=60"))
    receiver.start()
    callback = compose(event=EVENTS[0], skill_id="s", secret=SECRET)
    status, _, _ = request(receiver.url, "POST", "", callback.body, **dict(callback.headers))
    assert status == 503
    found = scrape(url)
    assert found[f"{HANDLING}_sum"][()] >= 0.06
    assert by_label(found[f"{RECEIVED}_total"], "verdict") == {"accepted": 1}


def test_a_sender_cannot_make_counters(receiver: Receiver, url: str) -> None:
    receiver.start()
    for number in range(20):
        body = json.dumps({"trigger": f'x"}}\n{number}', "skillId": str(number)}).encode()
        now = str(unix_ms(SYSTEM_CLOCK.now()))
        headers = {"X-Cognigy-Signature": sign(body, SECRET), "X-Cognigy-Timestamp": now}
        request(receiver.url, "POST", f"/{number}", body, **headers)
    assert list(settled(url, 20)[f"{RECEIVED}_total"].values()) == [20]


def test_the_receiver_itself_tells_no_counts(receiver: Receiver, url: str) -> None:
    receiver.start()
    origin = receiver.url.removesuffix("/callback")
    assert request(origin + "/metrics")[0] == 405


@pytest.mark.parametrize(
    ("method", "path", "host", "status"),
    [
        ("GET", "/metrics", "evil.example", 421),
        ("GET", "/", "localhost", 404),
        ("POST", "/metrics", "localhost", 405),
        ("HEAD", "/metrics", "127.0.0.1:9100", 200),
    ],
)
def test_other_requests(url: str, method: str, path: str, host: str, status: int) -> None:
    found, _, body = request(url, method, path, Host=host)
    assert found == status
    assert b"cognitui" not in body


def test_a_port_that_is_taken(url: str) -> None:
    port = int(url.rpartition(":")[2].partition("/")[0])
    endpoint = MetricsEndpoint(CallbackTally(), is_up=lambda: True)
    with pytest.raises(ReceiverError, match="is taken by another program"):
        endpoint.start(port)
    endpoint.stop()


@pytest.mark.parametrize("host", ["203.0.113.7", "x" * 70], ids=["foreign", "long"])
def test_an_address_that_is_not_here(host: str) -> None:
    endpoint = MetricsEndpoint(CallbackTally(), is_up=lambda: True)
    with pytest.raises((ReceiverError, UsageError)):
        endpoint.start(0, host)


@pytest.mark.parametrize(
    ("host", "is_own"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("127.9.9.9", True),
     ("0.0.0.0", False), ("::", False), ("127.0.0.1.evil.example", False), ("", False)],
)  # fmt: skip
def test_what_only_this_machine_reaches(host: str, *, is_own: bool) -> None:
    assert is_loopback_host(host) is is_own


def test_labels_are_escaped() -> None:
    label = 'a "quoted" \\ back\\nslash\nand a line'
    counts = Counts({(label, "r", "e"): 1}, {}, (0,) * (len(BOUNDS_S) + 1), 0.0, 0)
    found = parsed(exposition(counts, is_up=True))
    assert by_label(found[f"{RECEIVED}_total"], "verdict") == {label: 1}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, "ok"),
        ({"freshness": Freshness.UNTIMED}, "ok"),
        ({"signature": SignatureVerdict.MALFORMED}, "signature_malformed"),
        ({"freshness": Freshness.FUTURE}, "timestamp_future"),
        ({"freshness": Freshness.MISSING}, "timestamp_missing"),
        ({"timestamp_matches_body": False}, "timestamp_contradicted"),
        ({"replay": Replay.SEEN}, "replayed"),
        ({"replay": Replay.FULL}, "replay_memory_full"),
    ],
    ids=str,
)
def test_a_reason_in_a_word(changes: dict[str, object], reason: str) -> None:
    good = {"signature": SignatureVerdict.VALID, "freshness": Freshness.FRESH}
    verdict = Verdict(**good | changes)  # type: ignore[arg-type]
    assert reason_of(verdict) == reason
    assert verdict.accepted is (reason == "ok")
