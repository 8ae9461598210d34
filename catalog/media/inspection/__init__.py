"""Is this file music, and only that? Read by our own small readers, then decoded, in a child."""
