"""Open Contracting Data Standard: releases and records of any publisher to processes and contracts."""
