"""Music and cover art made by code: the demo catalogue needs no file of anybody's."""
