job "group-max-run-duration" {
  type = "batch"

  group "main" {
    max_run_duration = "2h"

    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
