# Run once a connection: compiled with its neighbours, but types would gain nothing.
