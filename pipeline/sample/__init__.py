"""Write a sample: a year of a made-up chain, from a seed and a size, as files in the API's shapes."""

from pipeline.sample.writer import SampleFiles, write_sample

__all__ = ["SampleFiles", "write_sample"]
