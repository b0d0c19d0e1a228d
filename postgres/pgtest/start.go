package pgtest

// Start starts a cluster for a program that is not a test, such as a benchmark.
// The cluster runs until stop is called or the process ends. Start fails if
// PostgreSQL is not installed.
func Start() (url string, stop func() error, err error) {
	url, life, err := start()
	if err != nil {
		return "", nil, err
	}
	return url, life.Close, nil
}
