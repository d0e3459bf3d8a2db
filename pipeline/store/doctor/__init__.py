"""Examine the files of a database, report problems and their remedies, and repair them on request."""

from pipeline.store.doctor.diagnosis import Diagnosis, diagnose
from pipeline.store.doctor.examination import Finding
from pipeline.store.doctor.recovery import Recovery, recover

__all__ = ["Diagnosis", "Finding", "Recovery", "diagnose", "recover"]
