.DEFAULT_GOAL := help
SHELL := /bin/sh
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

.PHONY: $(shell sed -n 's/^\([a-z0-9-]*\):.*\#\# .*/\1/p' $(MAKEFILE_LIST))

help: ## these targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

setup: ## bring Node.js, libraries, Envoy and the Envoy API's types into this checkout
	@scripts/setup

demo: setup ## two services through two Envoys, with proof for every hop
	@node examples/demo/run.ts

two-meshes: setup ## two meshes that are peers, and a request from one to the other (needs root)
	@node examples/two-meshes/run.ts

test: check unit e2e ## everything that must hold

check: setup ## format, lint, types, import boundaries, unused code
	@npm run --silent check

unit: ## fast tests beside the code
	@scripts/setup tests
	@scripts/run-tests unit 'src/**/*.test.ts'

e2e: ## the program as its users run it: real Envoys, real namespaces (needs root)
	@scripts/setup tests
	@scripts/run-tests e2e 'test/**/*.test.ts'

fuzz: setup ## job files that nobody would write, for FUZZ_SECONDS (60): no crash, no hang, no error without a place
	@node test/jobspec/fuzz/run.ts

bench-start: setup ## time from `job run` to the first answer through both proxies
	@node bench/start/run.ts

bench-xds: setup ## time from a change of the mesh to the last proxy's acknowledgement, and what it costs (needs root)
	@node bench/xds/run.ts

bench-dataplane: ## what a request costs through two sidecars, beside two Envoys by hand, and Kuma where named (needs root)
	@scripts/setup bench
	@node bench/dataplane/run.ts

bench-scheduler: setup ## how soon jobs are accepted, placed and run, and the memory they take (needs root)
	@node bench/scheduler/run.ts

bench-jobspec: setup ## how many job files are read in a second, beside Nomad where NOMAD_BIN names it
	@node bench/jobspec/run.ts

bench: ## all benchmarks, and the page docs/performance.md made of what they found (needs root)
	@$(MAKE) --no-print-directory bench-start bench-xds bench-dataplane bench-jobspec bench-scheduler
	@node bench/page.ts
