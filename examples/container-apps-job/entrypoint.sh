#!/bin/sh
# The entrypoint of the app's image. The job has migrated before: a container that starts only starts.
set -eu
exec node dist/main.js
