"""Drives two hosts with the QMP client that QEMU's own tools use (`qemu.qmp` from PyPI).

Usage: migrate_with_qemu_qmp.py SOURCE_SOCKET DESTINATION_SOCKET

The destination was started with `--incoming defer`. The guest is cancelled at the pause before the switchover, cancelled
again while its memory moves, and moved at last, through a pause. Every step is told on standard output, one a line; the
exit status is 0 if all went as it must.
"""

import asyncio
import sys

from qemu.qmp import EventListener, ExecuteError, QMPClient

# Nothing takes longer, unless it hangs.
PATIENCE_SECONDS = 30


class Side:
    """One host: a client, and the events that it is told."""

    def __init__(self, name):
        self.name = name
        self.client = QMPClient(name)
        self.migrations = EventListener(names=["MIGRATION"])
        self.client.register_listener(self.migrations)

    async def connect(self, path):
        """Connects, and lets migrations be told."""
        await self.client.connect(path)
        print(f"{self.name} greets: {self.client.greeting.QMP.version['package']}")
        await self.switch("events", True)

    async def switch(self, capability, state):
        """Switches a capability on or off."""
        wanted = [{"capability": capability, "state": state}]
        await self.client.execute("migrate-set-capabilities", {"capabilities": wanted})

    async def wait_for(self, last):
        """Reads events until one publishes the status `last`, and tells the way there."""
        way = []
        while not way or way[-1] != last:
            event = await self.migrations.get()
            way.append(event["data"]["status"])
        print(f"{self.name}: {' '.join(way)}")

    async def expect(self, command, key, value):
        """Asks, and checks one member of the answer."""
        told = await self.client.execute(command)
        assert told[key] == value, f"{self.name}: {command} says {told}, not {value!r}"

    async def expect_error(self, command, arguments, words):
        """A command that must be refused with an error of the generic class."""
        try:
            await self.client.execute(command, arguments)
        except ExecuteError as error:
            assert error.error_class == "GenericError", error.error_class
            assert words in str(error), str(error)
        else:
            raise AssertionError(f"{self.name}: {command} was not refused")


async def begin(source, destination):
    """Lets the destination wait for a guest, and the source send it."""
    await destination.client.execute("migrate-incoming", {"uri": "tcp:127.0.0.1:0"})
    told = await destination.client.execute("query-migrate")
    await source.client.execute("migrate", {"uri": told["x-listens-at"]})


async def run(source_path, destination_path):
    """The whole conversation."""
    source, destination = Side("source"), Side("destination")
    await source.connect(source_path)
    await destination.connect(destination_path)

    await source.switch("pause-before-switchover", True)
    await begin(source, destination)
    await source.wait_for("pre-switchover")
    await source.expect("query-status", "status", "finish-migrate")
    await source.expect_error("migrate", {"uri": "tcp:127.0.0.1:1"}, "in progress")
    await source.client.execute("migrate_cancel")
    await source.wait_for("cancelled")
    await destination.wait_for("failed")
    await source.expect("query-status", "running", True)

    await source.client.execute("migrate-set-parameters", {"max-bandwidth": 65536, "downtime-limit": 1})
    await begin(source, destination)
    await source.wait_for("active")
    await source.client.execute("migrate_cancel")
    await source.wait_for("cancelled")
    await destination.wait_for("failed")
    await source.expect("query-migrate", "status", "cancelled")

    await source.client.execute("migrate-set-parameters", {"max-bandwidth": 0, "downtime-limit": 300})
    await begin(source, destination)
    await source.wait_for("pre-switchover")
    await source.client.execute("migrate-continue", {"state": "pre-switchover"})
    await source.wait_for("completed")
    await destination.wait_for("completed")
    await source.expect("query-status", "status", "postmigrate")
    await destination.expect("query-status", "status", "running")
    await destination.client.execute("stop")
    await destination.expect("x-verify-guest", "whole", True)

    for side in (source, destination):
        await side.client.disconnect()


if __name__ == "__main__":
    asyncio.run(asyncio.wait_for(run(*sys.argv[1:]), PATIENCE_SECONDS))
    print("the guest is whole on the destination")
