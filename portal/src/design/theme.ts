/** Mantine, set to the portal's tokens. */
import {
  Button,
  Checkbox,
  type CSSVariablesResolver,
  colorsTuple,
  createTheme,
  defaultVariantColorsResolver,
  SegmentedControl,
  Switch,
  Tooltip,
  type VariantColorsResolver,
} from "@mantine/core";

/** Colours a component may be given, one meaning each. Their names equal the tokens'. */
const tones = ["ink", "door", "talk", "ring", "stop", "ivy"];

const tone: VariantColorsResolver = (input) => {
  const base = defaultVariantColorsResolver(input);
  const color = input.color ?? input.theme.primaryColor;
  if (!tones.includes(color)) return base;
  const fill = `var(--${color})`;
  const text = color === "ink" ? "var(--text)" : `var(--${color}-t)`;
  const soft = color === "ink" ? "var(--sunk)" : `var(--${color}-s)`;
  if (input.variant === "filled") {
    const hover = `color-mix(in srgb, ${fill} 90%, var(--text))`;
    return { background: fill, hover, color: `var(--on-${color})`, border: `1px solid ${fill}` };
  }
  if (input.variant === "light") {
    return { background: soft, hover: soft, color: text, border: "1px solid transparent" };
  }
  if (input.variant === "subtle") {
    return { background: "transparent", hover: "var(--sunk)", color: text, border: "1px solid transparent" };
  }
  return base;
};

/** 32 in the page, 40 in forms, 52 where there is one thing to do. */
const buttonHeights: Record<string, string> = { xs: "28px", sm: "32px", md: "40px", lg: "52px" };

export const theme = createTheme({
  primaryColor: "ink",
  colors: Object.fromEntries(tones.map((name) => [name, colorsTuple(`var(--${name})`)])),
  variantColorResolver: tone,
  autoContrast: false,
  focusRing: "auto",
  respectReducedMotion: true,
  cursorType: "pointer",
  fontFamily: "'Inter Variable', Inter, system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', monospace",
  fontSizes: { xs: "0.6875rem", sm: "0.75rem", md: "0.8125rem", lg: "0.875rem", xl: "0.9375rem" },
  lineHeights: { xs: "1rem", sm: "1rem", md: "1.25rem", lg: "1.375rem", xl: "1.5rem" },
  spacing: { xs: "0.25rem", sm: "0.5rem", md: "0.75rem", lg: "1rem", xl: "1.5rem" },
  radius: { xs: "6px", sm: "8px", md: "10px", lg: "12px", xl: "18px" },
  defaultRadius: "sm",
  headings: {
    fontWeight: "600",
    sizes: {
      h1: { fontSize: "1.25rem", lineHeight: "1.4" },
      h2: { fontSize: "0.9375rem", lineHeight: "1.47" },
    },
  },
  components: {
    Button: Button.extend({
      defaultProps: { size: "sm", fw: 500 },
      vars: (_theme, props) => {
        const size = props.size ?? "sm";
        return {
          root: {
            "--button-height": buttonHeights[size],
            "--button-fz": size === "lg" ? "0.9375rem" : size === "md" ? "0.875rem" : "0.8125rem",
            "--button-padding-x": size === "xs" ? "10px" : "14px",
          },
        };
      },
    }),
    SegmentedControl: SegmentedControl.extend({ defaultProps: { withItemsBorders: false, size: "md" } }),
    Switch: Switch.extend({ defaultProps: { color: "talk", withThumbIndicator: false } }),
    Checkbox: Checkbox.extend({ defaultProps: { color: "door" } }),
    Tooltip: Tooltip.extend({
      defaultProps: {
        color: "ink",
        openDelay: 400,
        transitionProps: { duration: 120 },
        events: { hover: true, focus: true, touch: false },
      },
    }),
  },
});

const map = {
  "--mantine-color-body": "var(--bg)",
  "--mantine-color-text": "var(--text)",
  "--mantine-color-dimmed": "var(--text3)",
  "--mantine-color-default": "var(--panel)",
  "--mantine-color-default-hover": "color-mix(in srgb, var(--panel) 94%, var(--text))",
  "--mantine-color-default-color": "var(--text)",
  "--mantine-color-default-border": "var(--line2)",
  "--mantine-color-placeholder": "var(--text3)",
  "--mantine-color-anchor": "var(--door-t)",
  "--mantine-color-error": "var(--stop-t)",
};
export const resolver: CSSVariablesResolver = () => ({ variables: {}, light: map, dark: map });
