job "cleanup-on-every-node" {
  type = "sysbatch"

  periodic {
    crons            = ["@daily"]
    prohibit_overlap = true
  }

  group "cleanup" {
    restart {
      attempts = 0
    }

    task "prune" {
      driver = "raw_exec"

      config {
        command = "/bin/sh"
        args    = ["-c", "find /tmp -mtime +7 -delete"]
      }

      logs {
        max_files     = 2
        max_file_size = 1
      }
    }
  }
}
