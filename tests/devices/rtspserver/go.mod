// An RTSP server that we did not write, with passwords, pinned for tests/media/other-camera.test.ts.
module symphony-cloud/tests/devices/rtspserver

go 1.24

require github.com/bluenviron/gortsplib/v4 v4.16.2
