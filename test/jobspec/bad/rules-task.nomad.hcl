job "rules-task" {
  group "main" {
    task "run" {
      driver = "raw_exec"
      kill_timeout = "1h"
      shutdown_delay = "-5s"
      resources {
        cpu = 0
        cores = 2
        memory = 5
        memory_max = 4
        disk = 10
      }
      logs {
        max_files = 0
        max_file_size = 500
      }
      lifecycle {
        hook = "before"
      }
      constraint {
        distinct_hosts = true
      }
    }
  }
}
