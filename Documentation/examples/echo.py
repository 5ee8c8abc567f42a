# SPDX-License-Identifier: MIT
"""Echo: a server sends back what it receives, until its client has left.

    IPCCHAN_LIBRARY=.../libipcchan.so.1 PYTHONPATH=user/python python3 echo.py

Prints:
    hello
    and goodbye
"""
import os

import ipcchan


def join(name: str, role: int) -> ipcchan.Channel:
    return ipcchan.open(name, ipcchan.ATTACH_CREATE, role, options=ipcchan.OPT_HANGUP)


def serve() -> None:
    here, back = join("echo-there", ipcchan.ROLE_RECV), join("echo-back", ipcchan.ROLE_SEND)
    while msg := here.recv():
        back.send(msg)


def ask() -> None:
    there, here = join("echo-there", ipcchan.ROLE_SEND), join("echo-back", ipcchan.ROLE_RECV)
    for word in "hello", "and goodbye":
        there.send(word.encode())
        print(here.recv().decode())


server = os.fork()
if server:
    ask()
    ipcchan.unlink("echo-there")
    ipcchan.unlink("echo-back")
    os.waitpid(server, 0)
else:
    serve()
