job "rules-files" {
  group "main" {
    task "run" {
      driver = "raw_exec"
      template {
        destination = "local/a"
      }
      template {
        data = "x"
      }
      template {
        data = "x"
        destination = "../../../etc/passwd"
      }
      template {
        data = "x"
        destination = "local/same"
        change_mode = "reload"
      }
      template {
        data = "x"
        destination = "local/same"
        perms = "rw"
        env = true
        change_mode = "signal"
      }
      template {
        data = "x"
        destination = "local/s"
        change_mode = "script"
        wait {
          min = "10s"
          max = "5s"
        }
      }
      artifact {
        destination = "local"
      }
      artifact {
        source = "https://example.com/x"
        destination = "../../../x"
        mode = "archive"
        options {
          checksum = "md5:123"
        }
      }
    }
  }
}
