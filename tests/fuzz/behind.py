"""The program for random hands on a terminal: it knows the names of this machine alone."""

from __future__ import annotations

import socket
import sys

from cognitui.__main__ import main
from tests.fuzz.names import only_this_machine

if __name__ == "__main__":
    socket.getaddrinfo = only_this_machine(socket.getaddrinfo)
    sys.exit(main())
