/** A visitor under a street lamp, as a door's camera sees it at night. Drawn, so that it is nobody's face. */
export function NightStreet({ label }: { label: string }) {
  return (
    <svg viewBox="0 0 880 900" preserveAspectRatio="xMaxYMax slice" role="img" aria-label={label}>
      <defs>
        <linearGradient id="sky" x2="0" y2="1">
          <stop offset="0" stopColor="#0a0e12" />
          <stop offset="1" stopColor="#141a20" />
        </linearGradient>
        <linearGradient id="wallLeft">
          <stop offset="0" stopColor="#22262c" />
          <stop offset="1" stopColor="#34373d" />
        </linearGradient>
        <linearGradient id="wallRight">
          <stop offset="0" stopColor="#35383d" />
          <stop offset="1" stopColor="#202329" />
        </linearGradient>
        <linearGradient id="ground" x2="0" y2="1">
          <stop offset="0" stopColor="#3b3e42" />
          <stop offset="1" stopColor="#17191d" />
        </linearGradient>
        <radialGradient id="light" cx="520" cy="238" r="430" gradientUnits="userSpaceOnUse">
          <stop offset="0" stopColor="#ffe7b8" stopOpacity="0.55" />
          <stop offset="0.18" stopColor="#e8cf9d" stopOpacity="0.3" />
          <stop offset="0.55" stopColor="#9b8c6d" stopOpacity="0.12" />
          <stop offset="1" stopColor="#6d6552" stopOpacity="0" />
        </radialGradient>
        <radialGradient id="pool" cx="0.5" cy="0.5" r="0.5">
          <stop offset="0" stopColor="#f3dca9" stopOpacity="0.22" />
          <stop offset="1" stopColor="#f3dca9" stopOpacity="0" />
        </radialGradient>
        <radialGradient id="edge" cx="0.5" cy="0.45" r="0.75">
          <stop offset="0.55" stopColor="#000000" stopOpacity="0" />
          <stop offset="1" stopColor="#000000" stopOpacity="0.55" />
        </radialGradient>
        <linearGradient id="coat" x1="0" x2="1" y2="0.25">
          <stop offset="0" stopColor="#8a5450" />
          <stop offset="1" stopColor="#5a302f" />
        </linearGradient>
        <linearGradient id="skin">
          <stop offset="0" stopColor="#e6bea2" />
          <stop offset="1" stopColor="#b98a72" />
        </linearGradient>
        <filter id="soft" x="-20%" y="-20%" width="140%" height="140%">
          <feGaussianBlur stdDeviation="2.2" />
        </filter>
        <filter id="glow" x="-150%" y="-150%" width="400%" height="400%">
          <feGaussianBlur stdDeviation="9" />
        </filter>
      </defs>

      <rect width="880" height="900" fill="url(#sky)" />
      <g filter="url(#soft)">
        <path d="M-20 84 L308 156 L308 636 L-20 742Z" fill="url(#wallLeft)" />
        <path d="M308 156 L690 172 L690 620 L308 636Z" fill="#2d3136" />
        <path d="M690 172 L900 112 L900 724 L690 620Z" fill="url(#wallRight)" />
        <path d="M-20 742 L308 636 L690 620 L900 724 L900 920 L-20 920Z" fill="url(#ground)" />
        <path d="M-20 752 L308 642 L330 642 L40 920 L-20 920Z" fill="#4a4c4f" opacity="0.35" />
        <Windows />
      </g>
      <rect width="880" height="900" fill="url(#light)" />
      <ellipse cx="520" cy="668" rx="300" ry="70" fill="url(#pool)" />
      <g filter="url(#soft)">
        <path d="M516 250 h8 l2 376 h-12Z" fill="#16181c" />
        <rect x="505" y="618" width="30" height="14" rx="3" fill="#16181c" />
        <path d="M502 254 h36 l-6 -10 h-24Z" fill="#101216" />
      </g>
      <circle cx="520" cy="236" r="26" fill="#ffe9c0" filter="url(#glow)" />
      <circle cx="520" cy="236" r="17" fill="#fff6e2" />
      <Visitor />
      <rect width="880" height="900" fill="url(#edge)" />
    </svg>
  );
}

function Windows() {
  return (
    <g>
      <path d="M70 226 L176 250 L176 400 L70 404Z" fill="#15191e" />
      <path d="M70 462 L176 456 L176 606 L70 636Z" fill="#15191e" />
      <path d="M216 259 L280 273 L280 396 L216 399Z" fill="#191d22" />
      <path d="M216 454 L280 450 L280 580 L216 596Z" fill="#b98f4e" opacity="0.75" />
      <path d="M248 452 v136" stroke="#4b3c25" strokeWidth="4" />
      <path
        d="M382 214 h74 v110 h-74Z M382 376 h74 v112 h-74Z M592 220 h60 v104 h-60Z M592 376 h60 v112 h-60Z"
        fill="#1d2126"
      />
      <path d="M752 212 L846 190 L846 352 L752 356Z M752 420 L846 428 L846 586 L752 560Z" fill="#14171c" />
    </g>
  );
}

function Visitor() {
  return (
    <g>
      <ellipse cx="716" cy="900" rx="240" ry="40" fill="#000000" opacity="0.35" filter="url(#soft)" />
      <path
        d="M536 920 C540 800 548 716 572 680 C596 650 650 640 684 626 L746 626 C788 640 836 654 858 690 C884 736 888 830 892 920Z"
        fill="url(#coat)"
      />
      <path d="M716 700 C712 770 714 850 714 920" stroke="#3a1e1e" strokeWidth="3" fill="none" />
      <path
        d="M600 770 C592 820 590 870 590 920 M846 780 C852 826 852 880 852 920"
        stroke="#4a2827"
        strokeWidth="4"
        fill="none"
      />
      <circle cx="728" cy="768" r="5" fill="#3a1e1e" />
      <circle cx="728" cy="832" r="5" fill="#3a1e1e" />
      <path d="M684 626 L716 704 L748 626Z" fill="#e6e3dd" />
      <path d="M660 640 L716 706 L688 742 L636 668Z M772 640 L716 706 L742 738 L796 664Z" fill="#6d3d3b" />
      <path d="M690 560 h52 v62 c-14 18 -38 18 -52 0Z" fill="#a97a63" />
      <path
        d="M642 478 C640 424 676 398 716 398 C762 398 790 428 788 480 C788 540 786 590 774 612 C756 616 744 600 740 580 L690 580 C684 606 672 612 658 608 C644 580 642 530 642 478Z"
        fill="#231d1d"
      />
      <path
        d="M664 486 C664 448 686 428 716 428 C748 428 768 450 768 488 C768 546 744 584 716 584 C688 584 664 546 664 486Z"
        fill="url(#skin)"
      />
      <path
        d="M656 500 C652 440 684 408 722 410 C768 412 782 448 778 506 C772 476 760 460 742 450 C716 470 684 474 668 470 C662 478 658 488 656 500Z"
        fill="#2a2222"
      />
      <path
        d="M680 494 q12 -8 24 -2 M730 492 q12 -6 24 2"
        stroke="#3a2b27"
        strokeWidth="3.5"
        fill="none"
        strokeLinecap="round"
      />
      <ellipse cx="693" cy="508" rx="4.6" ry="5" fill="#241c1a" />
      <ellipse cx="741" cy="508" rx="4.6" ry="5" fill="#241c1a" />
      <path d="M719 506 q-8 26 -2 30 q4 2 8 0" stroke="#a2735c" strokeWidth="3" fill="none" strokeLinecap="round" />
      <path d="M698 554 q19 12 38 -1" stroke="#93504a" strokeWidth="4" fill="none" strokeLinecap="round" />
      <path
        d="M648 620 C676 602 700 630 718 630 C740 630 762 602 786 622 C798 640 788 664 770 668 C740 680 694 680 664 668 C644 660 638 640 648 620Z"
        fill="#a34a43"
      />
      <path d="M660 640 q56 28 114 -2" stroke="#833732" strokeWidth="3" fill="none" />
      <path d="M742 664 L786 658 L800 800 L752 806Z" fill="#98433d" />
      <path d="M752 806 v14 M764 805 v14 M776 804 v14 M788 802 v14" stroke="#98433d" strokeWidth="4" />
    </g>
  );
}
