job "volume-sticky" {
  group "main" {
    volume "state" {
      type            = "host"
      source          = "state"
      sticky          = true
      access_mode     = "single-node-single-writer"
      attachment_mode = "file-system"
    }

    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
