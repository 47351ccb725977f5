# Run once a connection: compiled with its neighbours, but types would gain nothing.

from penstock.engine cimport octets
