job "dates" {
  type = "batch"

  meta {
    formatdate = formatdate("DD MMM YYYY hh:mm:ss ZZZ", "2026-02-03T04:05:06Z")
    words      = formatdate("EEEE, MMMM D, 'at' H:mmAA", "2026-02-03T14:05:06Z")
    zones      = formatdate("YYYY-MM-DD'T'hh:mm:ssZ", "2026-02-03T04:05:06+01:00")
    timeadd    = timeadd("2026-02-03T04:05:06Z", "1h30m")
    backwards  = timeadd("2026-01-01T00:00:00Z", "-1s")
  }

  group "main" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
