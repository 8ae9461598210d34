#!/usr/bin/env python
"""Django's command line. `deploy` comes first: it puts the platform source root on the path."""

import os
import sys

import deploy  # noqa: F401  puts platform/ on sys.path

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.settings.prod")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
