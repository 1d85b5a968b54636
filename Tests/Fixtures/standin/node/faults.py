"""Faults that a test asks for: `standin fault COMMAND --says TEXT --containing PART --skip N --kills --late`."""

import os
import signal

from node.home import Refusal


def meet(home, command, arguments, late=False):
    """Does what the first fault for this command says; each is used up.

    - `late`: whether the command has done its work already; so some faults want it.
    """
    for fault in home.state["faults"]:
        if fault["command"] != command or fault["containing"] not in " ".join(arguments) or fault["late"] != late:
            continue
        if fault["skip"] > 0:
            fault["skip"] -= 1
            continue
        fault["times"] -= 1
        if fault["times"] <= 0:
            home.state["faults"].remove(fault)
        if fault["kills"]:
            # The program that asked: it dies as by kill -9 in the middle of its work, and this one with it.
            home.save()
            os.kill(os.getppid(), signal.SIGKILL)
            os._exit(137)
        raise Refusal(fault["status"], err=fault["says"] + "\n")
