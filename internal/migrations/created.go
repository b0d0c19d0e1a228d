package migrations

import (
	"errors"
	"io/fs"
	"regexp"
	"slices"

	"github.com/pressly/goose/v3"
)

var creates = regexp.MustCompile(`(?m)^CREATE (?:UNIQUE |UNLOGGED )?(?:TABLE|INDEX) (\w+)`)

// created returns the names of the tables and indexes that the migrations after
// a version create. Those that an earlier one created are ours. A table that is
// created IF NOT EXISTS, or as a temporary one, is in nobody's way.
func created(files fs.FS, after int64) ([]string, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	var before, pending []string
	for _, name := range names {
		version, errVersion := goose.NumericComponent(name)
		text, err := fs.ReadFile(files, name)
		if err := errors.Join(errVersion, err); err != nil {
			return nil, err
		}
		list := &pending
		if version <= after {
			list = &before
		}
		for _, match := range creates.FindAllSubmatch(text, -1) {
			if made := string(match[1]); made != "IF" {
				*list = append(*list, made)
			}
		}
	}
	slices.Sort(pending)
	return slices.DeleteFunc(slices.Compact(pending), func(name string) bool { return slices.Contains(before, name) }), nil
}

// Latest returns the last migration.
func Latest(files fs.FS) (int64, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil || len(names) == 0 {
		return 0, errors.Join(errors.New("no migrations"), err)
	}
	return goose.NumericComponent(names[len(names)-1])
}
