job "rules-system" {
  type = "system"
  periodic {
    cron = "* * * * *"
  }
  group "main" {
    count = 2
    affinity {
      attribute = "${meta.a}"
      value = "b"
    }
    spread {
      attribute = "${meta.a}"
    }
    reschedule {
      attempts = 1
    }
    task "run" {
      driver = "raw_exec"
    }
  }
}
