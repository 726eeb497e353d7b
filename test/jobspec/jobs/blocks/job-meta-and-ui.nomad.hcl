job "job-meta-and-ui" {
  meta {
    owner = "core"
  }

  ui {
    description = "**The** shop"

    link {
      label = "Handbook"
      url   = "https://example.com/handbook"
    }

    link {
      label = "Charts"
      url   = "https://example.com/charts"
    }
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
