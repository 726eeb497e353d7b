job "rules-names" {
  group "main" {
    task "alloc" {
      driver = "exec"
    }

    task "a/b" {
      driver = "exec"
      leader = true
    }

    task "twice" {
      driver = "exec"
      leader = true
    }

    task "twice" {
    }
  }

  group "lifecycle-only" {
    task "prepare" {
      driver = "exec"

      lifecycle {
        hook = "prestart"
      }
    }
  }

  group "empty" {
  }
}
