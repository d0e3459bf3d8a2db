"""Code for a program of its own goes in front of a test's; it tells the most memory that the program had, in MB.

What getrusage tells may be the peak of the program that started this one.
"""

PEAK = """
import pathlib, re

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", pathlib.Path("/proc/self/status").read_text())[1]) // 1024
"""
