"""When a worker received what a task needs, on the clock of the agents, whatever Dask corrects its dates by."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from distributed import Client, Event, LocalCluster, Worker

from hepbench import agent
from hepbench.agent import Agent, flush_worker
from hepbench.agent.plugin import hook_transfers
from hepbench.agent.state import Process
from hepbench.driver.tasks import stream_index, stream_since, to_events

HELD = "held"


def hold(event: str) -> None:
    Event(event).wait()


def add_up(*numbers: int) -> int:
    return sum(numbers)


def correct_by(seconds: float, dask_worker: Any) -> None:
    """As a heartbeat does whose answer came late; no other may follow."""
    dask_worker.periodic_callbacks["heartbeat"].stop()
    dask_worker.scheduler_delay = seconds


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        client.register_plugin(Agent(sampling=False))
        yield client


def received(client: Any) -> tuple[dict[str, Any], dict[tuple[str, str], dict[str, Any]]]:
    """The row in the task stream and the meter of a task that waited for its worker when the correction changed."""
    messages: list[dict[str, Any]] = []
    client.subscribe_topic(agent.TOPIC, lambda event: messages.append(event[1]))
    source, taker = client.scheduler_info(n_workers=-1)["workers"]
    begun = client.run_on_scheduler(stream_index)
    client.run(correct_by, 50.0)
    busy = client.submit(hold, HELD, workers=[taker], pure=False)
    number = client.submit(add_up, 1, 2, workers=[source], pure=False)
    total = client.submit(add_up, number, 3, workers=[taker], key="total")
    deadline = time.monotonic() + 30
    while not client.run(lambda dask_worker: len(dask_worker.transfer_incoming_log), workers=[taker])[taker]:
        assert time.monotonic() < deadline, "nothing was received"
        time.sleep(0.01)
    client.run(correct_by, -20.0)
    Event(HELD, client=client).set()
    client.gather([busy, total])
    client.run(flush_worker)
    while not any(event["type"] == "meter" and event["key"] == "total" for m in messages for event in m["events"]):
        assert time.monotonic() < deadline, "the meter did not come"
        time.sleep(0.01)
    (row,) = [row for row in client.run_on_scheduler(stream_since, begun) if row["key"] == "total"]
    meters = {
        (taker, e["key"]): e for m in messages for e in m["events"] if e["type"] == "meter" and e["key"] == "total"
    }
    return row, meters


def test_a_transfer_is_dated_as_it_was_though_a_heartbeat_came_before_its_task(client: Any) -> None:
    began = time.time()
    row, meters = received(client)
    ended = time.time()
    forgetful = {key: {**meter, "transfer_delays": []} for key, meter in meters.items()}
    (event,) = to_events([row], meters, {}, {}, lambda _: "merge")
    (transfer,) = event["transfers"]
    assert began < transfer["start"] <= transfer["stop"] < event["start"] <= event["stop"] < ended
    # As it was without the note of the agent.
    (event,) = to_events([row], forgetful, {}, {}, lambda _: "merge")
    (wrong,) = event["transfers"]
    assert wrong["start"] - transfer["start"] == pytest.approx(70)


def test_transfers_are_hooked_with_the_tasks_and_restored(client: Any) -> None:
    assert Worker._update_metrics_received_data.__name__ == "received"
    client.unregister_worker_plugin(agent.NAME)
    assert Worker._update_metrics_received_data.__name__ == "_update_metrics_received_data"


def test_a_dask_that_dates_transfers_in_another_way_is_left_alone_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def other(self: Any, start: float, stop: float) -> None: ...

    monkeypatch.setattr(Worker, "_update_metrics_received_data", other)
    process = Process()
    hook_transfers(process)
    assert Worker._update_metrics_received_data is other
    assert list(process.unavailable) == ["transfers"]
