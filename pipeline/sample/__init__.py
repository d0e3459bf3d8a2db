"""A seed and a size go in; a year of a made-up chain comes out, as files in the API's own shapes."""

from pipeline.sample.writer import SampleFiles, write_sample

__all__ = ["SampleFiles", "write_sample"]
