#!/bin/sh
# Prints how much each part adds to a program: modules, and bytes without debug
# information.
set -eu
cd "$(dirname "$0")/.."
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
printf '%-28s %8s %10s\n' program modules bytes
for program in bench/weights/* cmd/signup; do
	CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o "$dir/program" "./$program"
	modules=$(go list -deps -f '{{with .Module}}{{.Path}}{{end}}' "./$program" | sort -u | grep -cv -e '^$' -e '^github.com/signup-go/signup$')
	printf '%-28s %8s %10s\n' "$program" "$modules" "$(wc -c <"$dir/program")"
done
