"""The version of the monitor. A wheel has it from here; in Azure, where none is installed, there is no other."""

VERSION = "0.2.0"
