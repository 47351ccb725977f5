# Included by the Makefile. BENCH holds options, as in `make bench BENCH="--work hello --rounds 3"`.

.PHONY: bench bench-check

bench: ## measure Penstock beside its peers and save the results
	$(PYTHON) -m bench --save $(BENCH)

bench-check: ## compare the saved results with the bars
	$(PYTHON) -m bench --check
