"""What several test files share: the uncompiled twin of the engines, servers in processes, raw clients."""
