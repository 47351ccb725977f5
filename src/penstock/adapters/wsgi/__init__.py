"""What `WsgiToAsgi` is made of: the environ, the threads, and the two ways between a thread and the loop."""
