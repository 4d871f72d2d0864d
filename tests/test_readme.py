"""The README says what is so: every code, every command, every function, and links that lead somewhere."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from function_app import app
from shared.doors.terminal.main import COMMANDS
