"""The version of the package, in the one place that the build, the command line and the `server` field read.
"""

VERSION = "0.1.0"
