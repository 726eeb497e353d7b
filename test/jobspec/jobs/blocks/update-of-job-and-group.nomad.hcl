job "update-of-job-and-group" {
  update {
    canary      = 2
    auto_revert = true
  }

  group "keeps" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }

  group "takes-back" {
    update {
      canary      = 0
      auto_revert = false
    }

    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
