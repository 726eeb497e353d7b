job "unbalanced-directives" {
  meta {
    a = "%{ if true }x"
    b = "%{ endif }"
    c = "%{ for x in [1] }%{ endif }"
    d = "%{ unless true }x%{ endif }"
  }
}
