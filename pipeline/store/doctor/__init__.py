"""The files of a database go in; what is wrong with them and the remedy come out, and `recover` applies it."""

from pipeline.store.doctor.diagnosis import Diagnosis, diagnose
from pipeline.store.doctor.examination import Finding
from pipeline.store.doctor.recovery import Recovery, recover

__all__ = ["Diagnosis", "Finding", "Recovery", "diagnose", "recover"]
