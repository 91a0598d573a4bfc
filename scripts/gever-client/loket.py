"""A Loket of one's own: a process with demo data in a temporary folder."""
import contextlib
import re
import sqlite3
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path


class Loket:
    def __init__(self, program):
        self.program = program
        self._folder = tempfile.TemporaryDirectory(prefix="gever-client-")
        self.folder = Path(self._folder.name)
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.address = "127.0.0.1:0"  # a free port; the same one when it starts again
        self.highest = 0  # memory of all its processes, MB
        self.start("--demo")

    def start(self, *flags):
        """Starts it, and waits until it serves."""
        with open(self.log, "ab") as log:
            began = log.tell()
            self.process = subprocess.Popen(
                [self.program, "serve", "--addr", self.address, "--data", self.data, *flags],
                stdout=log, stderr=log, env={"LOKET_GEVER_CONTRACT": "live", "LOKET_CHECK_RESPONSES": "true", "LOKET_GEVER_RATE": "0"},
            )
        until = time.monotonic() + 60
        while (found := re.search(rb"serves at http://(\S+)/", self.log.read_bytes()[began:])) is None:
            alive = self.process.poll() is None and time.monotonic() < until
            assert alive, f"Loket does not start:\n{self.log.read_text()[-4000:]}"
            time.sleep(0.05)
        self.address = found[1].decode()
        self.origin = f"http://{self.address}"
        with urllib.request.urlopen(f"{self.origin}/readyz", timeout=30):
            pass

    def kill(self):
        """Ends it as a power failure would (kill -9)."""
        self.peak()
        self.process.kill()
        self.process.wait()

    def close(self):
        """Ends it in order, and removes its folder."""
        self.process.terminate()
        assert self.process.wait(timeout=60) == 0, "Loket did not end in order"
        self._folder.cleanup()

    def peak(self):
        """The most memory that it has had at one time, in MB (VmHWM)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        self.highest = max(self.highest, int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) // 1024)
        return self.highest

    def command(self, *words, answer=""):
        """Runs another command on the same store, beside the server; gives what it prints."""
        done = subprocess.run([self.program, *words, "--data", self.data], input=answer, capture_output=True, text=True, env={})
        assert done.returncode == 0, f"loket {' '.join(words)}: {done.stderr}"
        return done.stdout

    def setting(self, name):
        """What the store keeps under a name of its own."""
        with contextlib.closing(sqlite3.connect(f"file:{self.data}/loket.db?mode=ro", uri=True)) as db:
            return db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()[0]

    def violations(self):
        """Answers that broke the document, and panics, as the log tells of them."""
        return [line for line in self.log.read_text().splitlines() if "breaks its document" in line or "level=ERROR" in line]
