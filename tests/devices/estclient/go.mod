// GlobalSign's EST client, that we did not write, pinned for tests/devices/est.test.ts.
module symphony-cloud/tests/devices/estclient

go 1.24

require github.com/globalsign/est v1.0.6
