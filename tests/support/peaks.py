"""Code to put in front of a test's program: `peak()` is the most memory that the program had, in MB.

`getrusage` may return the peak of the program that started this one instead.
"""

PEAK = """
import pathlib, re

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", pathlib.Path("/proc/self/status").read_text())[1]) // 1024
"""
