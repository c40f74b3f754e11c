# Two commands are enough for most people: `make start` and `make test`. `make` alone lists the rest.
# The work is done in scripts/; what is set on the command line (CHAPTER=2, FIX=1) reaches them as environment.

export CHAPTER EXERCISE FIX UPDATE OPTIONS

.DEFAULT_GOAL := help
.PHONY: help start test hello bench quotes stubs wrong mutants format lint exercise check watch hint status reset \
  solution grade plan demo pictures book transcripts \
  checkpoints links names workbook-check new-chapter

help: ## what make can do here
	@echo "Swiftlet: Kubernetes, built chapter by chapter in Swift. Say"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "For one chapter and those before it: make test CHAPTER=2 (no other package is built)."

start: ## build, start a cluster on this machine and run a small application in it
	@scripts/start.sh

test: ## every test; CHAPTER=N stops after that chapter
	@scripts/test.sh

hello: ## the first green test, in less than a minute
	@scripts/hello.sh

exercise: ## your copy of CHAPTER=N, with functions for you to write
check: ## do your functions of CHAPTER=N do what they should?
watch: ## check CHAPTER=N whenever you save
hint: ## the next hint of EXERCISE=2.1
status: ## how far you have come
reset: ## empties the functions of CHAPTER=N or EXERCISE=2.1 again, and keeps a backup
solution: ## our EXERCISE=2.1, once yours passes
grade: ## for instructors: a report on the learners' folders in DIR=…
demo: ## CHAPTER=N at work, step by step, in simulated time; OPTIONS=--step waits after each
exercise check watch hint status reset solution grade demo:
	@scripts/workbook.sh $@ $(or $(DIR),$(EXERCISE),$(CHAPTER)) $(OPTIONS)

plan: ## for instructors: are the plans in chapters/instructors.md current? UPDATE=1 computes them anew
	@scripts/workbook.sh plan $(if $(filter 1,$(UPDATE)),--update)

pictures: ## are the demos' pictures current? UPDATE=1 draws them anew
	@scripts/workbook.sh pictures $(if $(filter 1,$(UPDATE)),--update)

book: ## the chapters and exercises as pages that open from disk, in .build-book/site
	@scripts/book.sh

transcripts: ## is everything printed in the texts still printed? UPDATE=1 writes what is printed today
	@scripts/workbook.sh transcripts $(if $(filter 1,$(UPDATE)),--update) $(OPTIONS)

checkpoints: ## does what is quoted so far compile at each checkpoint, and do its tests pass?
	@scripts/workbook.sh checkpoints

names: ## is there everything that the prose names in code spans?
	@scripts/workbook.sh names

links: ## does every link of the texts lead somewhere?
	@scripts/workbook.sh links

workbook-check: ## all checks of the texts and exercises, with their times
	@scripts/workbook-check.sh

bench: ## how fast it is, in a release build
	@scripts/bench.sh

quotes: ## is every line of the chapters' code in their text? FIX=1 refreshes what has drifted
	@scripts/quotes.sh

stubs: ## does each exercise fail its own tests until it is written? UPDATE=1 writes who fails what
	@scripts/variants.sh stubs

wrong: ## does each wrong answer fail a test that teaches?
	@scripts/variants.sh wrong

mutants: ## do a chapter's tests notice small mistakes in its code? CHAPTER=N
	@scripts/variants.sh mutants

new-chapter: ## the files that chapter N=4 NAME=Services begins with
	@N="$(N)" NAME="$(NAME)" scripts/new-chapter.sh

format: ## write the sources the way they are written here
	@swift format -i -r --parallel Sources Tests Package.swift

lint: ## complain where `make format` would change something
	@swift format lint -r --strict --parallel Sources Tests Package.swift
