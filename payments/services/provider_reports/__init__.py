"""Settlement reports of providers: taken as they are, looked at, then posted as a whole."""
