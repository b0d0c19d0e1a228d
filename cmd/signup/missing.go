package main

import (
	"fmt"
	"strings"
)

// missing returns those of the settings that nobody set.
func (c *config) missing(names ...string) []*setting {
	var missing []*setting
	for _, name := range names {
		if name == "mail-from" && c.noMail {
			continue // nobody needs a sender then
		}
		if s := c.setting(name); s.value == "" {
			missing = append(missing, s)
		}
	}
	return missing
}

// setThese says how to set them: the flag, the variable and an example.
func setThese(missing []*setting) string {
	var b strings.Builder
	rows := make([][]string, len(missing))
	for i, s := range missing {
		rows[i] = []string{"  --" + s.name, variableOf(s.name), s.help}
	}
	table(&b, rows)
	for _, s := range missing {
		_, _ = fmt.Fprintf(&b, "For example %s=%q\n", variableOf(s.name), s.example)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// readyToServe refuses to serve people without what their mails need.
func (c *config) readyToServe() error {
	missing := c.missing("base-url", "smtp", "mail-from")
	if len(missing) == 0 {
		return nil
	}
	return usagef("serve needs to know more. Set:\n%s\nTo try it without any configuration: signup serve --dev", setThese(missing))
}
