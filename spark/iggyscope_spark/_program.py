"""Iggyscope as a child process: its command, what it said, and how it ended."""

import os
import shlex
import subprocess
import threading

# The exit code of a capture that is cut or damaged: what was understood before counts.
CUT = 4


class ProgramError(RuntimeError):
    """Iggyscope ended with an error; the message has its words."""


def command_of(given=None):
    """The command as a list: the one given, ``IGGYSCOPE``, or ``iggyscope``."""
    return shlex.split(given or os.environ.get("IGGYSCOPE", "iggyscope"))


class Program:
    """A run of iggyscope whose standard error is read aside."""

    def __init__(self, args, about):
        self._about = about
        self._said = []
        self._child = subprocess.Popen(
            args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.stdin, self.stdout = self._child.stdin, self._child.stdout
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self):
        self._said.extend(self._child.stderr)

    @property
    def words(self):
        """What it said on standard error, once it ended."""
        return b"".join(self._said).decode(errors="replace").strip()

    def wait(self):
        """Waits for the end and gives the exit code."""
        code = self._child.wait()
        self._listener.join()
        return code

    def finish(self):
        """Waits for the end and raises where that is an error."""
        code = self.wait()
        if code not in (0, CUT):
            raise ProgramError(f"iggyscope ended with {code} on {self._about}: {self.words}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._child.kill()
        self._child.wait()
        for stream in (self.stdin, self.stdout, self._child.stderr):
            stream.close()
