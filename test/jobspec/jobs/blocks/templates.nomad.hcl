job "templates" {
  group "main" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }

      template {
        data            = "port={{ env \"NOMAD_PORT_http\" }}"
        destination     = "local/a.conf"
        perms           = "600"
        uid             = 1000
        gid             = 1000
        left_delimiter  = "[["
        right_delimiter = "]]"
      }

      template {
        source               = "local/b.tpl"
        destination          = "secrets/b.env"
        env                  = true
        change_mode          = "noop"
        once                 = true
        error_on_missing_key = true
        splay                = "1m"
      }

      template {
        data          = "c"
        destination   = "local/c"
        change_mode   = "signal"
        change_signal = "sighup"

        wait {
          min = "5s"
          max = "10s"
        }
      }

      template {
        data        = "d"
        destination = "local/d"
        change_mode = "signal"
      }

      template {
        data        = "e"
        destination = "local/e"
        change_mode = "script"

        change_script {
          command             = "/bin/reload"
          args                = ["-f"]
          timeout             = "10s"
          fail_on_error       = true
          run_on_first_render = true
        }
      }

      template {
        data        = "f"
        destination = "local/f"
        change_mode = "script"

        change_script {
          command = "/bin/reload"
        }
      }
    }
  }
}
