package pgtest

// Start starts a cluster for a program that is no test, such as a benchmark. It
// lives until stop, and no longer than the process. It fails when no PostgreSQL
// is installed.
func Start() (url string, stop func() error, err error) {
	url, life, err := start()
	if err != nil {
		return "", nil, err
	}
	return url, life.Close, nil
}
