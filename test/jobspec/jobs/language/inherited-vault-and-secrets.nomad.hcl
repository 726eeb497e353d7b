job "inherited" {
  vault {
    role = "outer"
  }

  secret "database" {
    provider = "nomad"
    path     = "secrets/database"
  }

  group "one" {
    task "takes-the-jobs" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }

  group "two" {
    vault {
      role = "inner"
    }

    secret "cache" {
      provider = "nomad"
      path     = "secrets/cache"
    }

    task "takes-the-groups" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }

    task "has-its-own" {
      driver = "raw_exec"

      vault {
        role = "own"
      }

      config {
        command = "/bin/true"
      }
    }
  }
}
